"""What changes pixels by rule: adjustments of what lies below a layer, and filters of a layer's own pixels."""

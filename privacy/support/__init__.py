"""Support: tickets, the conversation in the page and by mail, and the operator's queue."""

"""Texts: shaped by HarfBuzz, laid out in whole numbers, drawn by the kernels."""

"""The papers, one declaration each as data: what stands on it, in which order, who signs (domain.md 4.1, 1.9)."""

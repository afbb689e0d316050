"""Rules on who may reach it, and how it is protected."""

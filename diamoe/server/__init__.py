"""The speech server: OpenAI's routes, a WebSocket for voice agents, Wyoming, and a page."""

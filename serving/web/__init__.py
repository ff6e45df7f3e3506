"""The pages: server-rendered, zh and en, no build step."""

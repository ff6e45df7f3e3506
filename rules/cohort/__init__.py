"""The rules of an event asked of many people at once: columns in, the same answers as the engine gives one by one."""

"""The sub-commands of the platform: one file each."""

"""The stages that the command and programs go through, on one cluster: load, lock, plan, check, write."""

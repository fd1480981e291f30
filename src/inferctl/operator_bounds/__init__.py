"""What no run may exceed, said by the operator outside of the repository: read once per run, and handed on."""

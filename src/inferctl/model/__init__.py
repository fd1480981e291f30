"""What an endpoint is: the pages of the services, with their settings and rules, and endpoints as values."""

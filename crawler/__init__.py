"""The crawl: the registry of agencies, the spider, and the web archive."""

DROP TABLE provider_links;
DROP TABLE providers;

"""The languages of the pages and of the answers: which one a request gets, and its sentences."""

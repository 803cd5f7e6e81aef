"""Mail: reading it (parse), fetching it (imap), taking it into the desk (receive) and sending answers (smtp)."""

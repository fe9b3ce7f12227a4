"""Replies by mail: a mailbox is read by IMAP, and the token in the address leads a mail to its ticket."""

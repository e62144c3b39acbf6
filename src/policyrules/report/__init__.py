"""Reports people read: terminal, plain text, HTML. They read results and the typed program, and evaluate nothing."""

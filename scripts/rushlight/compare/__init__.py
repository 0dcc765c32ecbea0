"""Two implementations of one network, compared place by place."""

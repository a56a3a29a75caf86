"""Hung-sign supervision (挂牌督战)."""

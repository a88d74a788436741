"""The rules of rewards: money, requests, orders, and who may do what. Pure, given `now`."""

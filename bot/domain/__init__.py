"""What a reward is: money, requests, orders, and who may do what. Pure, given `now`."""

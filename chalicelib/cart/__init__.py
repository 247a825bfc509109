"""Cart: what a customer or a guest means to buy, priced and checked whenever it is looked at.

Others call `service` (`cart_ref`, `take_selected`) and `basket.basket_of`, and read `Cart`, `CartLine`.
"""

"""What do the views of the page of the next token show?"""

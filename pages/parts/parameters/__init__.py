"""What do the views of the page of parameters show?"""

"""What do the views of the page of the inside show?"""

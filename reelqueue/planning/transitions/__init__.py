"""The transitions: a module for each family, with what its frames show and what they cost to draw.

To add one, name it in `specs.slideshow.Transition`, write its module here, and add that to
`registry.EFFECTS`. Where no frame of `base.TransitionFrame` fits, add one there, and
`render.frames.transitions` draws it.
"""

"""Extending models of apps that may be missing: this module does not depend on them."""

from odoo.orm.model_classes import add_to_registry


def extend_where_installed(env, extension):
    """Extend a model where it is there, once all modules are loaded; called by a ``_register_hook``.

    :param type extension: a class of models with ``_register = False``, ``_name``, ``_inherit`` as a list and
        ``_module``: a model that may be missing cannot be inherited from by what the module loads
    """
    registry = env.registry
    if extension._name not in registry or extension in registry[extension._name]._base_classes__:
        return  # what was added outlives other set-ups of models
    add_to_registry(registry, extension)
    registry._setup_models__(env.cr, [extension._name])
    _go_through_patches(registry[extension._name])


def _go_through_patches(model):
    """Have what was patched before the extension came call it. Odoo's automation rules put a method of their own in
    front and keep the one that was there as its ``origin``: that of the extension would never be reached."""
    for name, patched in [*vars(model).items()]:
        if hasattr(patched, "origin"):
            delattr(model, name)
            patched.origin = getattr(model, name)
            setattr(model, name, patched)

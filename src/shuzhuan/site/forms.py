"""How forms are drawn: label, hint, control, error, in this order and tied together."""

from django.forms.renderers import TemplatesSetting


class ShellFormRenderer(TemplatesSetting):
    """Draws `{{ form }}` and `{{ field.as_field_group }}` with the shell's templates.

    It takes the engine of the pages, because the templates below use the shell's own tags.
    """

    form_template_name = "shell/form.html"
    field_template_name = "shell/field.html"

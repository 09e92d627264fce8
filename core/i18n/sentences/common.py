"""Sentences of codes that every room may use."""

from core.i18n.sentences import Sentence

SENTENCES: dict[str, Sentence] = {
    "several": "{reasons}",
    "quoted": "{text}",  # an outside service's own words, and nothing of ours
    "plain": "{text}",  # English of the command line and the sandbox
}

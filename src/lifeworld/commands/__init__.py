"""The verbs of the command line, one file each. To add one: write the file (see `verb.py`) and its line here."""

from __future__ import annotations

from typing import NamedTuple


class Verb(NamedTuple):
    """Where a verb lives, and what `lifeworld --help` says about it."""

    module: str
    summary: str


VERBS = {
    "demo": Verb("lifeworld.commands.demo", "see what lifeworld does: a kitchen from a sentence, a dream, a plan, a report"),
    "scenes": Verb("lifeworld.commands.scenes", "list the starter scenes, or the kinds of things a scene is made of"),
    "scene": Verb("lifeworld.commands.scene", "draw a furnished room, a home of several rooms, or a laid table"),
    "edit": Verb("lifeworld.commands.edit", "change a scene by a sentence, settled and checked"),
    "import": Verb("lifeworld.commands.take_in", "take in a recording, a robot, a mesh or a piece of furniture from elsewhere"),
    "make": Verb("lifeworld.commands.make", "make a scene into a world and record episodes in it"),
    "whatif": Verb("lifeworld.commands.whatif", "fork a recorded episode, change one thing, see what would have been"),
    "enter": Verb("lifeworld.commands.enter", "enter a world in the browser: act, change it with a sentence, go back"),
    "learn": Verb("lifeworld.commands.learn", "learn a model from recordings: what comes next, given what is done"),
    "evaluate": Verb("lifeworld.commands.evaluate", "say what a model is worth, on one page, beside what costs nothing"),
    "plan": Verb("lifeworld.commands.plan", "reach goals by trying futures, and say how often that works, beside chance"),
    "dream": Verb("lifeworld.commands.dream", "enter a model from real pictures, steer it, and see how sure it is"),
    "rehearse": Verb("lifeworld.commands.rehearse", "roll many futures of a scene and say how likely something is to happen"),
    "recover": Verb("lifeworld.commands.recover", "make episodes of what killed recordings have left, and tidy up after them"),
    "check": Verb("lifeworld.commands.check", "say everything that is wrong with a bundle of episodes, and how to mend it"),
    "erase": Verb("lifeworld.commands.erase", "erase a person, or an episode, from a bundle"),
    "show": Verb("lifeworld.commands.show", "show what is in a bundle, or in one of its episodes, in words and as a picture"),
    "export": Verb("lifeworld.commands.export", "write episodes for others: LeRobot, MCAP, Rerun, WebDataset, film, GIF"),
    "verify": Verb("lifeworld.commands.verify", "say what is known about a file: who made it, how, of what, and whether it was changed"),
    "doctor": Verb("lifeworld.commands.doctor", "say what works on this machine, what is missing, and how to get it"),
}

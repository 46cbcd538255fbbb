"""Files that say where they come from: signed when they leave (`sign`), and asked when they arrive (`verify`)."""

from lifeworld.provenance.authority import Authority
from lifeworld.provenance.made import Made
from lifeworld.provenance.sign import sign
from lifeworld.provenance.verdict import Verdict
from lifeworld.provenance.verify import verify

__all__ = ["Authority", "Made", "Verdict", "sign", "verify"]

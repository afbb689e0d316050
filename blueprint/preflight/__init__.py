"""What must be true before a real deploy: one module of checks per cloud target, found by the target's name.

Every check is a command a person could run. Where its tool is installed it is run and its answer judged; where not, the
check says so: a check that did not run is not a pass. Nothing but these commands ever leaves the machine.

    check.py    a check, its result, and how one is run
    common.py   what every target needs
    <target>.py what that cloud must offer
    report.py   how results are told and kept as evidence
"""

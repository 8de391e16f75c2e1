from common.program import run_program

from . import admin, groups, positions, produce, refusals

run_program({**admin.CASES, **produce.CASES, **positions.CASES, **groups.CASES, **refusals.CASES})

"""How the report looks."""

STYLE = """
:root { --ink: #1d2430; --soft: #667084; --line: #d9dee7; --fill: #3b6ea5; --warm: #c4622d; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; color: var(--ink);
  max-width: 1180px; margin: 0 auto; padding: 24px; background: #fff; }
h1 { font-size: 26px; margin: 0 0 8px; }
h2 { font-size: 20px; margin: 36px 0 10px; padding-top: 10px; border-top: 2px solid var(--line); }
h3 { font-size: 16px; margin: 22px 0 6px; }
nav { position: sticky; top: 0; z-index: 1; background: #fff; padding: 8px 0; overflow-x: auto;
  white-space: nowrap; border-bottom: 1px solid var(--line); }
nav a { margin-right: 14px; color: var(--fill); text-decoration: none; }
section { scroll-margin-top: 48px; }
section:first-of-type h2 { border-top: 0; margin-top: 12px; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 12px 0 18px; }
.tiles div { flex: 1 1 120px; padding: 10px 14px; background: #f4f6fa; border-radius: 8px;
  color: var(--soft); font-size: 13px; }
.tiles b { display: block; font-size: 24px; color: var(--ink); font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 8px 0; }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.none, .note { color: var(--soft); }
.warning { color: var(--warm); font-weight: 600; }
.bar { display: inline-block; width: 160px; height: 10px; background: #eef1f6; }
.bar span { display: block; height: 10px; background: var(--fill); }
.row { display: flex; flex-wrap: wrap; gap: 18px; }
figure { margin: 6px 0; }
figcaption { font-size: 13px; color: var(--soft); }
svg text { font-size: 10px; fill: var(--soft); }
svg rect { fill: var(--fill); }
svg line { stroke: #98a2b3; }
svg line.grid { stroke: #edf0f5; }
svg polygon { fill: #3b6ea533; }
svg polyline { fill: none; stroke-width: 2; }
svg .measured { stroke: var(--fill); }
svg .specified { stroke: var(--warm); stroke-dasharray: 5 4; }
.chips span { display: inline-block; margin: 2px; padding: 1px 7px; border: 1px solid var(--line);
  border-radius: 9px; font-size: 13px; }
.chips .missing { border-color: var(--warm); color: var(--warm); }
audio { height: 32px; width: 230px; }
details { margin: 6px 0; } summary { cursor: pointer; color: var(--fill); }
td { max-width: 420px; overflow-wrap: break-word; }
figure svg { max-width: 100%; height: auto; }
@media (max-width: 640px) { body { padding: 14px; font-size: 14px; } h1 { font-size: 20px; }
  .bar { width: 70px; } th, td { padding-right: 8px; } td:not(.number) { min-width: 100px; } }
.phones { font-size: 13px; color: var(--soft); max-width: 420px; }
"""

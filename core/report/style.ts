/** How a report looks: on a screen in either theme, and on paper. */
export const REPORT_CSS = `:root{color-scheme:light dark;--bg:#fff;--ink:#1a1d21;--ink2:#4a5058;--ink3:#6a7079;--rule:#d9dce1;--soft:#f4f5f7;--link:#0b5fb0;--sim:#e8f0fa;--warn:#fdf3dc}
@media screen and (prefers-color-scheme:dark){:root{--bg:#16181c;--ink:#e6e8eb;--ink2:#b4bac2;--ink3:#8f969f;--rule:#33383f;--soft:#1e2126;--link:#7db8f5;--sim:#1b2a3d;--warn:#3a2f14}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.55 'Inter Variable',system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:3rem 1.5rem 5rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.3rem;margin:2.4rem 0 .6rem}
h3{font-size:1.05rem;margin:1.8rem 0 .4rem}
h4{font-size:.95rem;margin:1.2rem 0 .3rem}
.authors{margin:0;color:var(--ink2)}
p,ul,ol{margin:.6rem 0;max-width:46rem}
a{color:var(--link)}
code,pre{font-family:"JetBrains Mono",ui-monospace,monospace;font-size:.86em}
pre{padding:.8rem 1rem;overflow-x:auto;background:var(--soft);border-radius:6px}
blockquote{margin:.8rem 0;padding:0 1rem;border-left:3px solid var(--rule);color:var(--ink2)}
hr{border:0;border-top:1px solid var(--rule);margin:2rem 0}
.table{overflow-x:auto;margin:1rem 0 1.4rem}
table{border-collapse:collapse;font-size:.86rem;font-variant-numeric:tabular-nums}
caption{padding:0 0 .4rem;text-align:left;color:var(--ink2);font-weight:600}
th,td{padding:.28rem .8rem .28rem 0;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
th{color:var(--ink3);font-weight:500;vertical-align:bottom}
.r{text-align:right}
td{white-space:nowrap}
.w{min-width:12rem;white-space:normal}
figure{margin:1.2rem 0 1.8rem}
figure svg{display:block;max-width:100%;height:auto;background:#fff;border-radius:6px}
figcaption{margin-top:.4rem;color:var(--ink2);font-size:.88rem;max-width:46rem}
.note{padding:.55rem .9rem;border-radius:6px;font-size:.9rem}
.simulated{background:var(--sim)}
.warning{background:var(--warn)}
@page{size:A4;margin:18mm 16mm 20mm}
@media print{body{font-size:10pt}main{max-width:none;padding:0}figure,tr,.note{break-inside:avoid}h2,h3,h4,caption{break-after:avoid}.table{overflow:visible}table{font-size:8pt}td{white-space:normal}}
`;

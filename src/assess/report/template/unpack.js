// What is large travels compressed: the list of evidence, the what-ifs and the drawings, which are data; and the drawing
// library (plotly.js, MIT licence), whose hash stands in the page's policy, since a script's text can't be made from a
// response under it.
window.unpacked = async (id) => {
  "use strict";
  // Base 85: five letters are four bytes, the highest first; the last group may be short.
  const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%,()*+-;.=/?@^_:{|}~";
  const worth = new Uint8Array(128);
  for (let place = 0; place < 85; place++) worth[signs.charCodeAt(place)] = place;
  const text = document.getElementById(id).textContent.trim();
  const bytes = new Uint8Array(Math.ceil(text.length / 5) * 4);
  for (let from = 0, to = 0; from < text.length; from += 5) {
    let group = 0;
    for (let at = from; at < from + 5; at++) group = group * 85 + (at < text.length ? worth[text.charCodeAt(at)] : 84);
    for (let shift = 24; shift >= 0; shift -= 8) bytes[to++] = (group / 2 ** shift) & 255;
  }
  const packed = bytes.subarray(0, Math.floor(text.length * 4 / 5));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
};
window.told = window.unpacked("data").then(JSON.parse);
window.drawing = window.told.then(async (data) => {
  "use strict";
  const script = document.createElement("script");
  script.textContent = await window.unpacked("plotly");
  document.head.append(script);
  return data;
});

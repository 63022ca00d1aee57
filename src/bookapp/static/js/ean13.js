// Reads the barcode of a book (EAN-13) from a picture, where the browser has no BarcodeDetector of its own.
// Source: ISO/IEC 15420. Lines are laid through the picture at several angles; along each, an edge stands halfway between
// a light and a dark extreme, and the distances between edges are compared with those of the digits. Blur and spread of
// the ink move both edges of a bar, so the distance from an edge to the next one of its kind counts more than the width
// of one bar, as in that standard's own way to decode.
"use strict";

const Ean13 = (() => {
  // Widths of space, bar, space, bar of the left digits in odd parity (L); G is the mirror of L, R has L's widths.
  const WIDTHS = ["3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112"].map((s) => [...s].map(Number));
  const MIRRORED = WIDTHS.map((widths) => [...widths].reverse());
  // Which of the left digits are G, for each first digit, which has no bars of its own.
  const PARITY = ["000000", "001011", "001101", "001110", "010011", "011001", "011100", "010101", "010110", "011010"];
  const EDGES = 60; // of 30 bars
  const MODULES = 95;
  const QUIET = 4; // modules of white beside the code; the standard has 7 and 11, a thumb leaves less
  const ANGLES = [0, 90, 20, -20, 45, -45, 70, -70].map((degrees) => (degrees * Math.PI) / 180);
  const ACROSS = [0, 0.06, -0.06, 0.12, -0.12, 0.19, -0.19, 0.27, -0.27, 0.36, -0.36]; // where lines lie, of the shorter side
  const THICK = [1, 4]; // pixels to either side that a line takes the mean of
  const REACH = 40; // pixels to either side in which the brightness is compared
  const WORST = 0.62; // how badly a digit may fit, in squared modules

  /** The brightness of each pixel, 0 to 255. */
  function greyOf({ data, width, height }) {
    const grey = new Float32Array(width * height);
    for (let i = 0, j = 0; i < grey.length; i += 1, j += 4) grey[i] = 0.3 * data[j] + 0.59 * data[j + 1] + 0.11 * data[j + 2];
    return { grey, width, height };
  }

  /** The brightness between four pixels. */
  function at({ grey, width, height }, x, y) {
    if (x < 0 || y < 0 || x >= width - 1 || y >= height - 1) return -1;
    const left = x | 0;
    const top = y | 0;
    const [dx, dy] = [x - left, y - top];
    const i = top * width + left;
    const above = grey[i] + (grey[i + 1] - grey[i]) * dx;
    const below = grey[i + width] + (grey[i + width + 1] - grey[i + width]) * dx;
    return above + (below - above) * dy;
  }

  /** The brightness along a line through the picture, each value the mean of what lies across it. */
  function along(picture, angle, across, thick) {
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
    const offset = across * Math.min(picture.width, picture.height);
    const half = Math.hypot(picture.width, picture.height) / 2;
    const line = [];
    for (let step = -half; step <= half; step += 1) {
      const x = picture.width / 2 + step * dx - offset * dy;
      const y = picture.height / 2 + step * dy + offset * dx;
      let sum = 0;
      let count = 0;
      for (let beside = -thick; beside <= thick; beside += 1) {
        const value = at(picture, x - beside * dy, y + beside * dx);
        if (value >= 0) (sum += value), (count += 1);
      }
      if (count) line.push(sum / count);
    }
    return line;
  }

  function smoothed(line) {
    return line.map((value, i) => (2 * value + (line[i - 1] ?? value) + (line[i + 1] ?? value)) / 4);
  }

  /** How much a line must rise or fall around a place to mean something: less is noise. */
  function leastAt(line, place) {
    let low = 255;
    let high = 0;
    for (let i = Math.max(0, place - REACH); i < Math.min(line.length, place + REACH); i += 1) {
      low = Math.min(low, line[i]);
      high = Math.max(high, line[i]);
    }
    return Math.max(5, (high - low) * 0.16);
  }

  /** The places on a line that are the lightest and the darkest around, in turn. */
  function extremesOf(line) {
    const found = [];
    let [best, isRising, least] = [0, true, 255];
    for (let i = 0; i < line.length; i += 1) {
      if (i % 8 === 0) least = leastAt(line, i);
      const further = isRising ? line[i] - line[best] : line[best] - line[i];
      if (further >= 0) best = i;
      else if (-further > least) {
        found.push(best);
        [best, isRising] = [i, !isRising];
      }
    }
    found.push(best);
    return found;
  }

  /** Where a line crosses from light to dark and back, to parts of a pixel; and whether it gets dark at the first of them. */
  function edgesOf(line) {
    const extremes = extremesOf(line);
    const edges = [];
    for (let i = 1; i < extremes.length; i += 1) {
      const [from, to] = [extremes[i - 1], extremes[i]];
      const middle = (line[from] + line[to]) / 2;
      const falls = line[from] > line[to];
      let place = from;
      while (place < to && (falls ? line[place + 1] > middle : line[place + 1] < middle)) place += 1;
      edges.push(place + (middle - line[place]) / (line[place + 1] - line[place] || 1));
    }
    return { edges, darkFirst: extremes.length > 1 && line[extremes[0]] > line[extremes[1]] };
  }

  /** How badly four widths, in modules, fit those of a digit. */
  function misfit(widths, digit) {
    const off = widths.map((width, i) => width - digit[i]);
    const whole = (off[0] + off[1]) ** 2 + (off[1] + off[2]) ** 2;
    return whole + 0.35 * (off[0] ** 2 + off[1] ** 2 + off[2] ** 2 + off[3] ** 2);
  }

  /** The digit whose bars these edges are, [digit, whether it is mirrored], or null when none fits, or two do. */
  function digitAt(edges, start, mirrors) {
    const unit = (edges[start + 4] - edges[start]) / 7;
    const widths = [0, 1, 2, 3].map((i) => (edges[start + i + 1] - edges[start + i]) / unit);
    const fits = WIDTHS.map((digit, i) => [misfit(widths, digit), i, 0]);
    if (mirrors) fits.push(...MIRRORED.map((digit, i) => [misfit(widths, digit), i, 1]));
    const [first, second] = fits.sort((a, b) => a[0] - b[0]);
    return first[0] > WORST || second[0] - first[0] < 0.12 ? null : first;
  }

  /** Thirteen digits that begin at this edge, or null. */
  function codeAt(edges, start) {
    const unit = (edges[start + EDGES - 1] - edges[start]) / MODULES;
    if (start > 0 && edges[start] - edges[start - 1] < QUIET * unit) return null;
    const after = edges[start + EDGES];
    if (after !== undefined && after - edges[start + EDGES - 1] < QUIET * unit) return null;
    const spans = (from, to, modules) => Math.abs((edges[start + to] - edges[start + from]) / unit - modules) < 0.3 * modules;
    if (!spans(0, 2, 2) || !spans(27, 31, 4) || !spans(28, 32, 4) || !spans(57, 59, 2)) return null;
    const digits = [];
    let parity = "";
    for (let i = 0; i < 12; i += 1) {
      const place = start + 3 + 4 * i + (i < 6 ? 0 : 5);
      if (!(Math.abs((edges[place + 4] - edges[place]) / unit - 7) < 1.4)) return null;
      const found = digitAt(edges, place, i < 6);
      if (!found) return null;
      digits.push(found[1]);
      if (i < 6) parity += found[2];
    }
    const first = PARITY.indexOf(parity);
    return first < 0 ? null : checked([first, ...digits]);
  }

  function checked(digits) {
    const sum = digits.reduce((total, digit, i) => total + digit * (i % 2 ? 3 : 1), 0);
    return sum % 10 ? null : digits.join("");
  }

  /** The code on a line of brightness, in either direction, or null. */
  function decode(line) {
    const { edges, darkFirst } = edgesOf(line);
    const backwards = [...edges].reverse().map((edge) => -edge);
    for (let start = darkFirst ? 0 : 1; start + EDGES <= edges.length; start += 2) {
      // The last edge of a code, seen from behind, is where it gets dark, too.
      const code = codeAt(edges, start) ?? codeAt(backwards, edges.length - start - EDGES);
      if (code) return code;
    }
    return null;
  }

  /** The code in a picture (ImageData) that two of its lines agree on, or null. `seconds` limits how long it looks. */
  function read(image, seconds = 0.12) {
    const picture = greyOf(image);
    const until = performance.now() + 1000 * seconds;
    const seen = new Map();
    for (const angle of ANGLES) {
      for (const across of ACROSS) {
        for (const thick of THICK) {
          const line = along(picture, angle, across, thick);
          const calm = smoothed(line);
          const codes = new Set([line, calm, smoothed(smoothed(calm))].map(decode));
          for (const code of codes) {
            if (!code) continue;
            seen.set(code, (seen.get(code) ?? 0) + 1);
            if (seen.get(code) > 1) return code;
          }
        }
        if (performance.now() > until) return null;
      }
    }
    return null;
  }

  return { read, decode };
})();

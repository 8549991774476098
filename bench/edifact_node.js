// Reads an EDIFACT file with npm's edifact, its definitions of segments and its table of ORDERS, and tells the cost.
//
//   node bench/edifact_node.js FILE FOLDER     FOLDER holds the package
//
// It stops at the first fault, as the package does; what was read is counted, so that nobody is fast by leaving out.
"use strict";

const fs = require("fs");
const path = require("path");

const [file, folder] = process.argv.slice(2);
const from = (name) => require(path.join(folder, "node_modules", "edifact", name));
const Parser = from("parser.js");
const Validator = from("validator.js");
const Tracker = from("tracker.js");

const validator = new Validator();
validator.define(from("segments.js"));
validator.define(from("elements.js"));
const tracker = new Tracker(from("messages/ORDERS.json"));
const parser = new Parser(validator);
parser.encoding("UNOC");
let messages = 0;
let segments = 0;
let inside = false;

parser.onopensegment = (segment) => {
  segments += 1;
  if (segment === "UNH") {
    messages += 1;
    inside = true;
    tracker.reset();
  }
  if (inside) {
    tracker.accept(segment);
  }
  if (segment === "UNT") {
    inside = false;
  }
};

const began = process.cpuUsage();
const handle = fs.openSync(file, "r");
const chunk = Buffer.alloc(1 << 20);
for (let read; (read = fs.readSync(handle, chunk)) > 0; ) {
  parser.write(chunk.toString("latin1", 0, read));
}
parser.end();
const used = process.cpuUsage(began);
process.stdout.write(JSON.stringify({ seconds: (used.user + used.system) / 1e6, messages, segments }) + "\n");

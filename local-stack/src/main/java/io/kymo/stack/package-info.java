/** The servers of the one-machine default, each with a main class of its own. */
package io.kymo.stack;

/** The battery: every corpus, under everything that a network, a capture and a restart do to it. */
package io.kymo.processor.battery;

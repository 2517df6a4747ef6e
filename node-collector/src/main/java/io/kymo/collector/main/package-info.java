/** Puts the collector together and runs it. */
package io.kymo.collector.main;

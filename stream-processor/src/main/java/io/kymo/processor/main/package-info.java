/** The process: arguments in, health and metrics out. */
package io.kymo.processor.main;

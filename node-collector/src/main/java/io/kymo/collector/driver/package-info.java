/**
 * How the kernel side hands its events over: a {@link io.kymo.collector.driver.Driver} polls events
 * into an {@link io.kymo.collector.driver.EventHandler} as flyweights over mapped memory. Layouts
 * are bpf/include/wire.h's.
 */
package io.kymo.collector.driver;

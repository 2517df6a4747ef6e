/** The kernel module's driver: loads kymo.ko of bpf/kmod and reads its rings from mapped memory. */
package io.kymo.collector.driver.kmod;

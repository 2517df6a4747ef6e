/** Guests with Debian's kernels under QEMU, in which the real collector watches real servers. */
package io.kymo.acceptance.kernels;

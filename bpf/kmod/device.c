// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * /dev/kymo, for one collector at a time: see include/wire.h. The tracepoints are taken when it is set up and given back
 * when the last file or mapping is gone, so a module that nobody uses costs nothing, and one in use is not unloaded.
 */
#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include "kymo.h"

static atomic_t opened = ATOMIC_INIT(0);
static DEFINE_MUTEX(changes);
static bool set_up;

static int kymo_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return atomic_cmpxchg(&opened, 0, 1) ? -EBUSY : 0;
}

static void end(void)
{
	hooks_stop();
	states_free();
	scope_free();
	rings_free();
	set_up = false;
}

static int kymo_release(struct inode *inode, struct file *file)
{
	mutex_lock(&changes);
	if (set_up)
		end();
	mutex_unlock(&changes);
	atomic_set(&opened, 0);
	return 0;
}

static int setup(struct kymo_setup __user *at)
{
	struct kymo_setup wanted;
	int error;

	if (copy_from_user(&wanted, at, sizeof(wanted)))
		return -EFAULT;
	if (wanted.version != KYMO_WIRE_VERSION)
		return -EPROTO;
	if (set_up)
		return -EALREADY;
	error = rings_make(wanted.ring_bytes);
	if (error)
		return error;
	wanted.cpus = nr_cpu_ids;
	wanted.region_bytes = rings_region_bytes();
	error = scope_make();
	if (!error)
		error = states_make(wanted.max_sockets);
	if (!error && copy_to_user(at, &wanted, sizeof(wanted)))
		error = -EFAULT;
	if (!error)
		error = hooks_start();
	if (error) {
		states_free();
		scope_free();
		rings_free();
		return error;
	}
	smp_store_release(&set_up, true);
	return 0;
}

static int change(unsigned int command, void __user *at)
{
	union {
		struct kymo_settings settings;
		struct kymo_member member;
		u32 set;
	} given;

	if (copy_from_user(&given, at, _IOC_SIZE(command)))
		return -EFAULT;
	switch (command) {
	case KYMO_IOCTL_SETTINGS:
		if (given.settings.version && given.settings.version != KYMO_WIRE_VERSION)
			return -EPROTO;
		if (!given.settings.segment_bytes)
			return -EINVAL;
		scope_set(&given.settings);
		return 0;
	case KYMO_IOCTL_ADD:
		return scope_add(&given.member);
	case KYMO_IOCTL_REMOVE:
		return scope_remove(&given.member);
	case KYMO_IOCTL_CLEAR:
		return scope_clear(given.set);
	}
	return -ENOTTY;
}

static int name_reason(struct kymo_reason __user *at)
{
	struct kymo_reason reason;

	if (copy_from_user(&reason, at, sizeof(reason)))
		return -EFAULT;
	reason_name(&reason);
	return copy_to_user(at, &reason, sizeof(reason)) ? -EFAULT : 0;
}

static long kymo_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	void __user *at = (void __user *)argument;
	long result;

	if (mutex_lock_interruptible(&changes))
		return -EINTR;
	switch (command) {
	case KYMO_IOCTL_SETUP:
		result = setup(at);
		break;
	case KYMO_IOCTL_SAMPLE:
		result = set_up ? 0 : -ENOLINK;
		if (set_up)
			tcp_sample();
		break;
	case KYMO_IOCTL_REASON:
		result = name_reason(at);
		break;
	case KYMO_IOCTL_SETTINGS:
	case KYMO_IOCTL_ADD:
	case KYMO_IOCTL_REMOVE:
	case KYMO_IOCTL_CLEAR:
		result = set_up ? change(command, at) : -ENOLINK;
		break;
	default:
		result = -ENOTTY;
	}
	mutex_unlock(&changes);
	return result;
}

/* struct kymo_counters of each CPU. */
static ssize_t kymo_read(struct file *file, char __user *into, size_t bytes, loff_t *at)
{
	struct kymo_counters counters;
	unsigned int cpu;
	size_t done = 0;

	mutex_lock(&changes);
	for (cpu = 0; cpu < nr_cpu_ids && bytes - done >= sizeof(counters); cpu++) {
		counters_sum(cpu, &counters);
		if (copy_to_user(into + done, &counters, sizeof(counters)))
			break;
		done += sizeof(counters);
	}
	mutex_unlock(&changes);
	return done ? done : -EFAULT;
}

static int kymo_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED) || vma->vm_flags & VM_EXEC)
		return -EINVAL;
	/* no lock: what is set up stays until the file's last mapping has gone, and the callers of ioctl fault with it held */
	return smp_load_acquire(&set_up) ? rings_map(vma) : -ENOLINK;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = kymo_open,
	.release = kymo_release,
	.unlocked_ioctl = kymo_ioctl,
	.read = kymo_read,
	.mmap = kymo_mmap,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kymo",
	.fops = &operations,
	.mode = 0600,
};

static int __init kymo_init(void)
{
	int error = hooks_find();

	reasons_find();
	return error ? error : misc_register(&device);
}

static void __exit kymo_exit(void)
{
	misc_deregister(&device);
}

module_init(kymo_init);
module_exit(kymo_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("Kymo's capture of socket calls");
MODULE_VERSION("0.1.0");

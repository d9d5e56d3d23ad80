/*
 * What starts a kernel's vmlinux.efi on QEMU's loongarch64 `virt` when there is no UEFI firmware:
 * puts together the few tables that the kernel looks at, and jumps to it.
 *
 * The kernel gets no EFI services (a0 is 0). It finds the device tree and the initramfs through
 * the EFI system table (arch/loongarch/kernel/efi.c, drivers/firmware/efi/efi.c).
 * make-firmware compiles it, with the names of the files to include.
 */

typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

#define HIDDEN __attribute__((visibility("hidden"))) /* no global offset table */
#define INCLUDE(name, section, file) \
	asm(".pushsection " section ", \"a\"\n\t.balign 16\n" #name ":\n\t.incbin \"" file "\"\n" \
	    #name "_end:\n\t.popsection"); \
	extern const u8 name[] HIDDEN, name##_end[] HIDDEN

INCLUDE(image, ".image", IMAGE);
INCLUDE(initramfs, ".initramfs", INITRAMFS);
INCLUDE(tree, ".tree", TREE);

/* UEFI specification, 4.2 to 4.6. */
struct guid {
	u32 a;
	u16 b, c;
	u8 d[8];
};

struct table {
	struct guid guid;
	const void *table;
};

struct system_table {
	u64 signature;
	u32 revision, header_size, crc32, reserved;
	const u16 *vendor;
	u32 vendor_revision;
	const void *console[6], *runtime_services, *boot_services;
	u64 count;
	const struct table *tables;
};

static struct {
	u64 base, size;
} initrd;

static const struct table tables[] = {
	/* the device tree (Devicetree specification, and UEFI's EBBR) */
	{ { 0xb1b621d5, 0xf19c, 0x41a5, { 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0 } }, tree },
	/* LINUX_EFI_INITRD_MEDIA_GUID (include/linux/efi.h) */
	{ { 0x5568e427, 0x68fc, 0x4f3d, { 0xac, 0x74, 0xca, 0x55, 0x52, 0x31, 0xcc, 0x68 } }, &initrd },
};

static const u16 vendor[100];
static struct system_table system_table = {
	.signature = 0x5453595320494249,
	.revision = 2 << 16,
	.header_size = sizeof(struct system_table),
	.vendor = vendor,
	.count = sizeof(tables) / sizeof(tables[0]),
	.tables = tables,
};

/* The kernel's header (arch/loongarch/kernel/head.S). */
struct header {
	u64 magic, entry;
};

/* No stack is needed: all is in registers, or above. */
void _start(void)
{
	const struct header *header = (const void *)image;
	void (*kernel)(u64 efi, const char *arguments, void *system_table) = (void *)header->entry;

	initrd.base = (u64)initramfs;
	initrd.size = initramfs_end - initramfs;
	kernel(0, COMMAND_LINE, &system_table);
}

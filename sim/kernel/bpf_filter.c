/* SPDX-License-Identifier: BSD-2-Clause */

#include <bpf_filter.h>

#define MEMORY_CELLS 16

/* Fields of an instruction code. */
enum { CLASS_LD = 0, CLASS_LDX = 1, CLASS_ST = 2, CLASS_STX = 3, CLASS_ALU = 4, CLASS_JMP = 5,
       CLASS_RET = 6, CLASS_MISC = 7 };
enum { SIZE_WORD = 0x00, SIZE_HALF = 0x08, SIZE_BYTE = 0x10 };
enum { MODE_IMM = 0x00, MODE_ABS = 0x20, MODE_IND = 0x40, MODE_MEM = 0x60, MODE_LEN = 0x80,
       MODE_MSH = 0xa0 };
enum { ALU_ADD = 0x00, ALU_SUB = 0x10, ALU_MUL = 0x20, ALU_DIV = 0x30, ALU_OR = 0x40,
       ALU_AND = 0x50, ALU_LSH = 0x60, ALU_RSH = 0x70, ALU_NEG = 0x80 };
enum { JUMP_ALWAYS = 0x00, JUMP_EQUAL = 0x10, JUMP_GREATER = 0x20, JUMP_GREATER_EQUAL = 0x30,
       JUMP_SET = 0x40 };
enum { SOURCE_X = 0x08, RETURN_A = 0x10, MISC_TXA = 0x80 };

struct filter_machine {
    const unsigned char *packet;
    uint32_t bytes;
    uint32_t a, x;
    uint32_t cells[MEMORY_CELLS];
    bool refused;
};

static unsigned
code_class(const struct bpf_insn *instruction)
{
    return instruction->code & 7;
}

static bool
load_valid(const struct bpf_insn *instruction)
{
    unsigned size = instruction->code & 0x18, mode = instruction->code & 0xe0;

    if (code_class(instruction) == CLASS_LDX) {
        if (mode == MODE_MSH)
            return size == SIZE_BYTE;
        return size == SIZE_WORD && (mode == MODE_IMM || mode == MODE_LEN ||
                                     (mode == MODE_MEM && instruction->k < MEMORY_CELLS));
    }
    if (mode == MODE_ABS || mode == MODE_IND)
        return size <= SIZE_BYTE;
    return size == SIZE_WORD && (mode == MODE_IMM || mode == MODE_LEN ||
                                 (mode == MODE_MEM && instruction->k < MEMORY_CELLS));
}

static bool
arithmetic_valid(const struct bpf_insn *instruction)
{
    unsigned operation = instruction->code & 0xf0;

    if (operation > ALU_NEG)
        return false;
    return operation != ALU_DIV || (instruction->code & SOURCE_X) != 0 || instruction->k != 0;
}

/* `left` instructions follow this one. */
static bool
jump_valid(const struct bpf_insn *instruction, uint32_t left)
{
    unsigned operation = instruction->code & 0xf0;

    if (operation == JUMP_ALWAYS)
        return instruction->k < left;
    return operation <= JUMP_SET && instruction->jt < left && instruction->jf < left;
}

bool
ksim_bpf_filter_valid(const struct bpf_insn *program, uint32_t count)
{
    uint32_t i;
    bool valid = count > 0 && count <= BPF_PROGRAM_MAX;

    for (i = 0; valid && i < count; i++) {
        switch (code_class(&program[i])) {
        case CLASS_LD:
        case CLASS_LDX:
            valid = load_valid(&program[i]);
            break;
        case CLASS_ST:
        case CLASS_STX:
            valid = program[i].k < MEMORY_CELLS;
            break;
        case CLASS_ALU:
            valid = arithmetic_valid(&program[i]);
            break;
        case CLASS_JMP:
            valid = jump_valid(&program[i], count - i - 1);
            break;
        default:
            break;
        }
    }
    return valid && code_class(&program[count - 1]) == CLASS_RET;
}

/* Big-endian value at `offset`; a load beyond the end refuses the packet. */
static uint32_t
packet_load(struct filter_machine *machine, uint64_t offset, unsigned size)
{
    uint32_t count = size == SIZE_WORD ? 4 : size == SIZE_HALF ? 2 : 1;
    uint32_t value = 0, i;

    if (offset + count > machine->bytes) {
        machine->refused = true;
        return 0;
    }
    for (i = 0; i < count; i++)
        value = value << 8 | machine->packet[offset + i];
    return value;
}

static uint32_t
load(struct filter_machine *machine, const struct bpf_insn *instruction)
{
    unsigned size = instruction->code & 0x18;

    switch (instruction->code & 0xe0) {
    case MODE_ABS:
        return packet_load(machine, instruction->k, size);
    case MODE_IND:
        return packet_load(machine, (uint64_t)machine->x + instruction->k, size);
    case MODE_MEM:
        return machine->cells[instruction->k];
    case MODE_LEN:
        return machine->bytes;
    case MODE_MSH:
        return (packet_load(machine, instruction->k, SIZE_BYTE) & 0xf) << 2;
    default:
        return instruction->k;
    }
}

static void
arithmetic(struct filter_machine *machine, const struct bpf_insn *instruction)
{
    uint32_t operand = (instruction->code & SOURCE_X) != 0 ? machine->x : instruction->k;

    switch (instruction->code & 0xf0) {
    case ALU_ADD:
        machine->a += operand;
        break;
    case ALU_SUB:
        machine->a -= operand;
        break;
    case ALU_MUL:
        machine->a *= operand;
        break;
    case ALU_DIV:
        if (operand == 0)
            machine->refused = true;
        else
            machine->a /= operand;
        break;
    case ALU_OR:
        machine->a |= operand;
        break;
    case ALU_AND:
        machine->a &= operand;
        break;
    case ALU_LSH:
        machine->a = operand < 32 ? machine->a << operand : 0;
        break;
    case ALU_RSH:
        machine->a = operand < 32 ? machine->a >> operand : 0;
        break;
    default:
        machine->a = -machine->a;
        break;
    }
}

/* How many instructions to skip. */
static uint32_t
jump(const struct filter_machine *machine, const struct bpf_insn *instruction)
{
    uint32_t operand = (instruction->code & SOURCE_X) != 0 ? machine->x : instruction->k;
    bool taken;

    switch (instruction->code & 0xf0) {
    case JUMP_ALWAYS:
        return instruction->k;
    case JUMP_EQUAL:
        taken = machine->a == operand;
        break;
    case JUMP_GREATER:
        taken = machine->a > operand;
        break;
    case JUMP_GREATER_EQUAL:
        taken = machine->a >= operand;
        break;
    default:
        taken = (machine->a & operand) != 0;
        break;
    }
    return taken ? instruction->jt : instruction->jf;
}

uint32_t
ksim_bpf_filter_run(const struct bpf_insn *program, const unsigned char *packet, uint32_t bytes)
{
    struct filter_machine machine = {.packet = packet, .bytes = bytes};
    const struct bpf_insn *instruction = program;

    if (program == NULL)
        return UINT32_MAX;
    for (; !machine.refused; instruction++) {
        switch (code_class(instruction)) {
        case CLASS_LD:
            machine.a = load(&machine, instruction);
            break;
        case CLASS_LDX:
            machine.x = load(&machine, instruction);
            break;
        case CLASS_ST:
            machine.cells[instruction->k] = machine.a;
            break;
        case CLASS_STX:
            machine.cells[instruction->k] = machine.x;
            break;
        case CLASS_ALU:
            arithmetic(&machine, instruction);
            break;
        case CLASS_JMP:
            instruction += jump(&machine, instruction);
            break;
        case CLASS_RET:
            return (instruction->code & 0x18) == RETURN_A ? machine.a : instruction->k;
        default:
            if ((instruction->code & 0xf8) == MISC_TXA)
                machine.a = machine.x;
            else
                machine.x = machine.a;
            break;
        }
    }
    return 0;
}

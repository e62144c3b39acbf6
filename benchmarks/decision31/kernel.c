/* The decision in C, written by hand: blocks of rows that stay in the first cache; numbers first, into byte masks; then one
   loop of byte logic for each output, so that every loop is of one width and vectorises. A condition is a pair of masks,
   certainly true and possibly true (a trailing underscore), 0 or 1 each. Codes, blanks and bytes as in data.py, codes.py. */
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef int8_t i8;
typedef int16_t i16;
typedef uint16_t u16;
typedef int32_t i32;
typedef uint32_t u32;

#define ROWS 4096
#define LOOP for (size_t i = 0; i < m; i++)
#define NO_DAY INT16_MIN
#define LOW(x) ((u32)((x) < 0 ? 0 : (x)))
#define NOT(x) ((u8)((x) ^ 1))
#define HIGH(x) ((u32)((x) < 0 ? (1 << 28) : (x)))

typedef struct {
    const i16 *county;
    const i8 *kind, *running, *benefit, *chain, *prospect, *difficulty, *driving, *tech, *operator;
    const i8 *formed, *seasonal, *resource, *foundation, *potential, *insured;
    const i32 *total, *spent, *paid, *asked, *own, *debts;
    const i8 *households, *workers;
    const i16 *land, *approved, *started, *accept_by, *accepted, *stopped;
} columns;

/* How many of each group have stopped, surely and possibly; a blank county or kind before the first. */
void count(size_t n, const columns *c, i32 *restrict sure, i32 *restrict perhaps)
{
    static u8 true_[ROWS], possible[ROWS];
    for (size_t start = 0; start < n; start += ROWS) {
        size_t m = n - start < ROWS ? n - start : ROWS;
        const i8 *restrict formed = c->formed + start, *restrict running = c->running + start;
        const i8 *restrict kind = c->kind + start;
        const i16 *restrict county = c->county + start;
        LOOP true_[i] = (formed[i] == 1) & (running[i] == 2);
        LOOP possible[i] = (formed[i] != 0) & ((running[i] == 2) | (running[i] < 0));
        LOOP {
            i32 group = (county[i] + 1) * 7 + kind[i] + 1;
            sure[group] += true_[i];
            perhaps[group] += possible[i];
        }
    }
}

static u8 over[ROWS], over_[ROWS], above[ROWS], above_[ROWS], behind[ROWS], behind_[ROWS], small[ROWS], small_[ROWS];
static u8 indebted[ROWS], indebted_[ROWS], short_[ROWS], shorts[ROWS], large[ROWS], large_[ROWS], half[ROWS], half_[ROWS];
static u8 full12[ROWS], full24[ROWS], unstopped[ROWS], timely[ROWS], past[ROWS], due[ROWS], undated[ROWS], unaccepted[ROWS];
static u8 homes[ROWS], hands[ROWS], plot[ROWS], nothing[ROWS], long_[ROWS], longs[ROWS], old[ROWS], olds[ROWS];
static u8 many[ROWS], late[ROWS], late_[ROWS], strict[ROWS], strict_[ROWS], refused[ROWS], refused_[ROWS];

static void numbers(size_t m, const i32 *restrict total, const i32 *restrict spent, const i32 *restrict paid,
                    const i32 *restrict own, const i32 *restrict debts)
{
    LOOP { over[i] = LOW(spent[i]) > HIGH(total[i]); over_[i] = HIGH(spent[i]) > LOW(total[i]); }
    LOOP { above[i] = LOW(paid[i]) > HIGH(total[i]); above_[i] = HIGH(paid[i]) > LOW(total[i]); }
    LOOP { behind[i] = 5 * HIGH(spent[i]) < 3 * LOW(paid[i]); behind_[i] = 5 * LOW(spent[i]) < 3 * HIGH(paid[i]); }
    LOOP { small[i] = HIGH(total[i]) < 500000; small_[i] = LOW(total[i]) < 500000; }
    LOOP { large[i] = LOW(total[i]) >= 5000000; large_[i] = HIGH(total[i]) >= 5000000; }
    LOOP { indebted[i] = 10 * LOW(debts[i]) > 7 * HIGH(total[i]); indebted_[i] = 10 * HIGH(debts[i]) > 7 * LOW(total[i]); }
    LOOP { shorts[i] = 5 * HIGH(own[i]) < LOW(total[i]); short_[i] = 5 * LOW(own[i]) < HIGH(total[i]); }
    LOOP { half[i] = 2 * HIGH(debts[i]) < LOW(total[i]); half_[i] = 2 * LOW(debts[i]) < HIGH(total[i]); }
}

static void dates(size_t m, const i16 *restrict approved, const i16 *restrict started, const i16 *restrict accept_by,
                  const i16 *restrict accepted, const i16 *restrict stopped, i16 today, i16 m12, i16 m24, i16 m36)
{
    LOOP { full12[i] = stopped[i] <= m12; full24[i] = stopped[i] <= m24; unstopped[i] = stopped[i] == NO_DAY; }
    LOOP { timely[i] = accepted[i] <= accept_by[i]; past[i] = accept_by[i] < today; }
    LOOP { undated[i] = accept_by[i] == NO_DAY; unaccepted[i] = accepted[i] == NO_DAY; }
    LOOP {
        u8 open = (accepted[i] == NO_DAY) | (started[i] == NO_DAY);
        u8 is = (i16)((u16)accepted[i] - (u16)started[i]) > 730;
        longs[i] = is & NOT(open);
        long_[i] = is | open;
    }
    LOOP { olds[i] = approved[i] <= m36; old[i] = olds[i] & (approved[i] != NO_DAY); }
}

/* Households and workers on a scale: how many of the thresholds are reached, 255 where blank. */
static void counts(size_t m, const i8 *restrict households, const i8 *restrict workers, const i16 *restrict land,
                   const i32 *restrict asked)
{
    LOOP homes[i] = households[i] < 0 ? 255 : (households[i] >= 5) + (households[i] >= 20) + (households[i] >= 50);
    LOOP hands[i] = workers[i] < 0 ? 255 : (workers[i] >= 10) + (workers[i] >= 30);
    LOOP plot[i] = land[i] < 0 ? 255 : land[i] <= 500;
    LOOP nothing[i] = asked[i] < 0 ? 255 : asked[i] == 0;
}

static void category(size_t m, const i8 *restrict formed, const i8 *restrict benefit, const i8 *restrict chain,
                     const i8 *restrict prospect, const i8 *restrict resource, const i8 *restrict foundation,
                     const i8 *restrict difficulty, const i8 *restrict potential, const i8 *restrict running,
                     const i8 *restrict driving, const i8 *restrict tech, u8 *restrict out)
{
    LOOP {
        u8 bright = (prospect[i] >= 0) & (prospect[i] <= 1), bright_ = prospect[i] <= 1;
        u8 con = (benefit[i] == 0) & (chain[i] == 0) & bright, con_ = (benefit[i] <= 0) & (chain[i] <= 0) & bright_;
        u8 up = (benefit[i] == 1) & (resource[i] == 1) & (foundation[i] == 1);
        u8 up_ = ((benefit[i] == 1) | (benefit[i] < 0)) & (resource[i] != 0) & (foundation[i] != 0);
        u8 year = full12[i] & NOT(unstopped[i]), two = full24[i] & NOT(unstopped[i]);
        u8 rev = (difficulty[i] == 1) & bright & NOT(full24[i]), idle = (running[i] == 2) & year;
        u8 rev_ = ((difficulty[i] == 1) | (difficulty[i] < 0)) & bright_ & NOT(two);
        u8 idle_ = ((running[i] == 2) | (running[i] < 0)) & full12[i];
        rev = (rev | idle) & (potential[i] == 1);
        rev_ = (rev_ | idle_) & (potential[i] != 0);
        u8 x = driving[i] == 2, x_ = x | (driving[i] < 0), y = tech[i] == 2, y_ = y | (tech[i] < 0);
        u8 z = prospect[i] == 3, z_ = z | (prospect[i] < 0);
        u8 adj = (difficulty[i] == 2) & ((x & (y | z)) | (y & z));
        u8 adj_ = ((difficulty[i] == 2) | (difficulty[i] < 0)) & ((x_ & (y_ | z_)) | (y_ & z_));
        u8 settled = ((adj | (rev & NOT(adj_)) | (up & NOT(adj_) & NOT(rev_))) & NOT(con_)) | (con & NOT(adj_) & NOT(rev_) & NOT(up_));
        u8 open = NOT(settled), conflict = con & (adj | rev | up), none = NOT(con | adj | rev | up);
        u8 a = con | (con_ & open), b = (up & NOT(rev) & NOT(adj)) | (up_ & NOT(up) & open);
        u8 d = (rev & NOT(adj)) | (rev_ & NOT(rev) & open), e = adj | (adj_ & open);
        u8 byte = a | b << 1 | d << 2 | e << 3 | none << 4;
        u8 sure = formed[i] == 1, may = formed[i] != 0;
        out[i] = (byte & -may) | (NOT(sure)) << 5 | (conflict & sure) << 6;
    }
}

/* 由宽到严 of three values, the first the default. */
#define SCALE(mid, mid_, top, top_) ((u8)((NOT((mid) | (top))) | ((mid_) & NOT(top)) << 1 | (top_) << 2))

static void intake(size_t m, const i8 *restrict formed, const i8 *restrict insured, u8 *restrict out)
{
    LOOP {
        u8 top = small[i] | (indebted[i] & (insured[i] == 0)), top_ = small_[i] | (indebted_[i] & (insured[i] != 1));
        u8 mid = shorts[i] | (many[i] & 1), mid_ = short_[i] | (many[i] >> 1);
        u8 byte = SCALE(mid, mid_, top, top_) & -(u8)(formed[i] != 1);
        out[i] = byte | (formed[i] != 0) << 5;
        refused[i] = out[i] == 4;
        refused_[i] = out[i] >> 2 & 1;
    }
}

static void funds(size_t m, const i8 *restrict formed, const u8 *restrict cat, u8 *restrict out)
{
    LOOP {
        u8 o = over[i] | above[i], o_ = over_[i] | above_[i];
        u8 n = NOT(over_[i]) & NOT(behind_[i]), n_ = NOT(over[i]) & NOT(behind[i]);
        u8 l = behind[i] & (formed[i] == 1), l_ = behind_[i] & (formed[i] != 0);
        u8 settled = ((o | (l & NOT(o_))) & NOT(n_)) | (n & NOT(o_) & NOT(l_)), open = NOT(settled);
        u8 a = n | (n_ & open), b = (l & NOT(o)) | (l_ & NOT(l) & open), d = o | (o_ & open);
        out[i] = a | b << 1 | d << 2 | NOT(n | l | o) << 4 | (n & (l | o)) << 6;
        strict[i] = (out[i] == 4) | (cat[i] == 8);
        strict_[i] = d | (cat[i] >> 3 & 1);
    }
}

static void acceptance(size_t m, u8 *restrict out)
{
    LOOP {
        u8 open = unaccepted[i], no = undated[i];
        u8 a = (timely[i] & NOT(open)) | no, b = NOT(timely[i]) | no, d = open & past[i], e = open & (NOT(past[i]) | no);
        out[i] = a | b << 1 | d << 2 | e << 3 | no << 4;
        late_[i] = b | d;
        late[i] = late_[i] & NOT(no);
    }
}

static void grade(size_t m, u8 *restrict out)
{
    LOOP {
        u8 h = homes[i], blank = h == 255, known = NOT(blank);
        u8 top = known & (h >= 3) & large[i], top_ = (h >= 3) & large_[i];
        u8 mid = (known & (h >= 2)) | (hands[i] == 2), mid_ = (h >= 2) | (hands[i] >= 2);
        u8 low = known & (h >= 1) & (plot[i] == 1), low_ = (h >= 1) & (plot[i] >= 1);
        u8 no = (nothing[i] == 1) | refused[i], no_ = (nothing[i] >= 1) | refused_[i];
        u8 settled = no | ((top | ((mid | (low & NOT(mid_))) & NOT(top_))) & NOT(no_)), open = NOT(settled);
        u8 a = (top & NOT(no)) | (top_ & NOT(top) & open), b = (mid & NOT(no) & NOT(top)) | (mid_ & NOT(mid) & open);
        u8 d = (low & NOT(no) & NOT(top) & NOT(mid)) | (low_ & NOT(low) & open), e = no | (no_ & open);
        out[i] = a | b << 1 | d << 2 | e << 3 | NOT(no | top | mid | low) << 4;
    }
}

static void measures(size_t m, const i8 *restrict difficulty, const i8 *restrict tech, const i8 *restrict benefit,
                     const i8 *restrict operator, u8 *restrict out)
{
    LOOP {
        u8 l = (difficulty[i] == 1) & half[i], l_ = ((difficulty[i] == 1) | (difficulty[i] < 0)) & half_[i];
        u8 t = tech[i] >= 1, t_ = tech[i] < 0;
        u8 w = (tech[i] == 2) | (hands[i] == 0), w_ = (tech[i] < 0) | (hands[i] == 255);
        u8 s = (benefit[i] == 2) & (operator[i] >= 0) & (operator[i] <= 1);
        u8 s_ = ((benefit[i] == 2) | (benefit[i] < 0)) & (operator[i] <= 1);
        out[i] = l | t << 1 | w << 2 | s << 3 | (l_ & NOT(l)) << 4 | t_ << 5 | (w_ & NOT(w)) << 6 | (s_ & NOT(s)) << 7;
    }
}

static void watch(size_t m, const i8 *restrict formed, const i8 *restrict running, const i8 *restrict seasonal,
                  u8 *restrict out)
{
    LOOP {
        u8 idle = running[i] == 2, idle_ = idle | (running[i] < 0);
        u8 mid = late[i] | (idle & (seasonal[i] == 0)) | longs[i] | (old[i] & (formed[i] == 0));
        u8 mid_ = late_[i] | (idle_ & (seasonal[i] != 1)) | long_[i] | (olds[i] & (formed[i] != 1));
        out[i] = SCALE(mid, mid_, strict[i], strict_[i]);
    }
}

/* ``enough``: of each group, bit 0 surely and bit 1 possibly enough. ``out``: 7 × n bytes. */
void decide(size_t n, const columns *c, const u8 *enough, i16 today, i16 m12, i16 m24, i16 m36, u8 *out)
{
    for (size_t s = 0; s < n; s += ROWS) {
        size_t m = n - s < ROWS ? n - s : ROWS;
        u8 *o = out + s;
        const i16 *county = c->county + s;
        const i8 *kind = c->kind + s;
        LOOP many[i] = enough[(county[i] + 1) * 7 + kind[i] + 1];
        numbers(m, c->total + s, c->spent + s, c->paid + s, c->own + s, c->debts + s);
        dates(m, c->approved + s, c->started + s, c->accept_by + s, c->accepted + s, c->stopped + s, today, m12, m24, m36);
        counts(m, c->households + s, c->workers + s, c->land + s, c->asked + s);
        category(m, c->formed + s, c->benefit + s, c->chain + s, c->prospect + s, c->resource + s, c->foundation + s,
                 c->difficulty + s, c->potential + s, c->running + s, c->driving + s, c->tech + s, o);
        intake(m, c->formed + s, c->insured + s, o + n);
        funds(m, c->formed + s, o, o + 2 * n);
        acceptance(m, o + 3 * n);
        grade(m, o + 4 * n);
        measures(m, c->difficulty + s, c->tech + s, c->benefit + s, c->operator + s, o + 5 * n);
        watch(m, c->formed + s, c->running + s, c->seasonal + s, o + 6 * n);
    }
}

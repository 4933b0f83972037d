package faults

import (
	"errors"
	"fmt"
	"testing"

	"github.com/duolite/duolite/db"
)

func TestJudge(t *testing.T) {
	unknown := fmt.Errorf("lost: %w", db.ErrOutcomeUnknown)
	failed := errors.New("failed")
	one, two, none := workload{parts: 1}, workload{parts: 2}, workload{}
	for _, tt := range []struct {
		workload workload
		err      error
		counts   []int
		want     Promise
	}{
		{one, nil, []int{1, 0, 0}, ""},
		{one, nil, []int{0, 0, 0}, Once},
		{one, nil, []int{2, 0, 0}, Once},
		{one, unknown, []int{0, 0, 0}, ""},
		{one, unknown, []int{1, 0, 0}, ""},
		{one, unknown, []int{2, 0, 0}, Once},
		{one, failed, []int{0, 0, 0}, ""},
		{one, failed, []int{1, 0, 0}, Known},
		{two, nil, []int{1, 1, 0}, ""},
		{two, nil, []int{1, 0, 0}, Whole},
		{two, unknown, []int{1, 1, 0}, ""},
		{two, unknown, []int{0, 1, 0}, Whole},
		{two, failed, []int{0, 0, 0}, ""},
		{two, failed, []int{0, 0, 1}, Whole},
		{none, errMeant, []int{0, 0, 0}, ""},
		{none, errMeant, []int{1, 0, 0}, Whole},
		{none, unknown, []int{1, 1, 0}, Whole},
	} {
		o := outcome{tt.err, tt.counts}
		if got, _ := tt.workload.judge(o); got != tt.want {
			t.Errorf("%d parts, %v: %q, want %q", tt.workload.parts, o, got, tt.want)
		}
	}
}

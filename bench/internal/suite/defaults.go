package suite

import "context"

// defaults runs duolite with its defaults and with their alternatives.
func (s *session) defaults(ctx context.Context) error {
	var remote []Setting
	for _, setting := range s.plan.Settings() {
		if !s.wantsAny(setting.Section(), setting.Workloads, setting.Values) {
			continue
		}
		if setting.Remote {
			remote = append(remote, setting)
			continue
		}
		if err := s.localRounds(ctx, setting.Section(), setting.Workloads, setting.Values); err != nil {
			return err
		}
	}
	if len(remote) == 0 {
		return nil
	}
	server, err := s.filledServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	for _, setting := range remote {
		if err := s.remoteRounds(ctx, setting.Section(), s.plan.Delays[:2], setting.Workloads, setting.Values, server); err != nil {
			return err
		}
	}
	return nil
}
